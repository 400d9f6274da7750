-- Forgives the failures of a node that has served a request.
--
-- KEYS[1]  hash of the node's failures: count, until (milliseconds of Redis' clock), outcome
-- ARGV     channel of cool-downs, node
-- Answers  failures in a row (0), ms left of the cool-down (0), version (microseconds of Redis' clock)
local time = redis.call('TIME')
local version = time[1] * 1000000 + time[2]
if redis.call('DEL', KEYS[1]) == 1 then
  redis.call('PUBLISH', ARGV[1], string.format('0 0 %.0f %s', version, ARGV[2]))
end
return { 0, 0, version }
