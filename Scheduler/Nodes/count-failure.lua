-- Counts a failure of one node and cools it down.
--
-- KEYS[1]  hash of the node's failures: count, until (milliseconds of Redis' clock), outcome (of the attempt that was counted last)
-- ARGV     first cool-down in ms, longest in ms, how long failures are remembered after it in ms, channel of cool-downs, node, outcome
-- Answers  failures in a row, ms left of the cool-down, version (microseconds of Redis' clock)
--
-- Invariants
--   1. Time is Redis' own.
--   2. A failure during a cool-down changes nothing: its attempt began before. One death of a node with many streams is one failure.
--   3. The cool-down doubles with each failure in a row, up to the longest.
--   4. The key lives until the failures are forgotten.
--   5. A cool-down that seems to last longer than the longest is over: Redis' clock was set back.
local time = redis.call('TIME')
local version = time[1] * 1000000 + time[2]
local now = math.floor(version / 1000)
local known = redis.call('HMGET', KEYS[1], 'count', 'until')
local count, ends = tonumber(known[1] or '0'), tonumber(known[2] or '0')

if ends <= now or ends - now > tonumber(ARGV[2]) then
  count = count + 1
  -- Beyond 2^30 no cool-down grows any more, and the number stays exact.
  local length = math.min(tonumber(ARGV[1]) * 2 ^ math.min(count - 1, 30), tonumber(ARGV[2]))
  ends = now + length
  redis.call('HSET', KEYS[1], 'count', count, 'until', string.format('%.0f', ends), 'outcome', ARGV[6] or '')
  redis.call('PEXPIRE', KEYS[1], string.format('%.0f', length + tonumber(ARGV[3])))
  redis.call('PUBLISH', ARGV[4], string.format('%d %.0f %.0f %s', count, length, version, ARGV[5]))
end
return { count, ends - now, version }
