-- Forgives the failures of a node that has served a request.
--
-- KEYS[1]  hash of the node's failures: count, until (milliseconds of Redis' clock), outcome
-- ARGV     channel of cool-downs, node, longest cool-down in ms
-- Answers  failures in a row, ms left of the cool-down, version (microseconds of Redis' clock)
--
-- A success during a cool-down changes nothing: its attempt began before the failure. Else a node that lets every second request hang
-- would be forgiven by the others, again and again. A cool-down that seems to last longer than the longest is over: Redis' clock was set back.
local time = redis.call('TIME')
local version = time[1] * 1000000 + time[2]
local now = math.floor(version / 1000)
local known = redis.call('HMGET', KEYS[1], 'count', 'until')
local count, left = tonumber(known[1] or '0'), tonumber(known[2] or '0') - now

if left > 0 and left <= tonumber(ARGV[3]) then
  return { count, left, version }
end
if redis.call('DEL', KEYS[1]) == 1 then
  redis.call('PUBLISH', ARGV[1], string.format('0 0 %.0f %s', version, ARGV[2]))
end
return { 0, 0, version }
