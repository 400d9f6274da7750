-- Reads the failures of one node.
--
-- KEYS[1]  hash of the node's failures: count, until (milliseconds of Redis' clock), outcome
-- Answers  failures in a row, ms left of the cool-down, version (microseconds of Redis' clock)
local time = redis.call('TIME')
local version = time[1] * 1000000 + time[2]
local known = redis.call('HMGET', KEYS[1], 'count', 'until')
local left = tonumber(known[2] or '0') - math.floor(version / 1000)
return { tonumber(known[1] or '0'), math.max(0, left), version }
