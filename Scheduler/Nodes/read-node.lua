-- Reads what Redis holds of one node beside its report.
--
-- KEYS[1]  hash of the node's state
-- KEYS[2]  sorted set of the node's taken slots: score = end of the lease in milliseconds of Redis' clock
-- KEYS[3]  hash of the node's failures: count, until (milliseconds of Redis' clock), outcome
-- Answers  milliseconds of Redis' clock, since when the node has been reported (0 = not known), taken slots, failures in a row, end of its
--          cool-down (milliseconds of Redis' clock; 0 = it has none), outcome of the last failure
--
-- Invariants
--   1. Time is Redis' own. A lease whose end has passed takes no slot.
--   2. Nothing is changed.
local time = redis.call('TIME')
local now = math.floor((time[1] * 1000000 + time[2]) / 1000)
local since = tonumber(redis.call('HGET', KEYS[1], 'since') or '0')
local taken = redis.call('ZCOUNT', KEYS[2], string.format('(%.0f', now), '+inf')
local known = redis.call('HMGET', KEYS[3], 'count', 'until', 'outcome')
return { now, since, taken, tonumber(known[1] or '0'), tonumber(known[2] or '0'), known[3] or '' }
