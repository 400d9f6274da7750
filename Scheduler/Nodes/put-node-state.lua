-- Keeps the newest state of one node and tells all Schedulers.
--
-- KEYS[1]  hash of the node's state
-- ARGV     incarnation, sequence (20 digits), report, life in ms, channel of nodes, writer's identity
-- Answers  1 accepted, 0 older than what is known
--
-- Invariants
--   1. Of one incarnation the highest sequence wins; an equal one only begins the life anew.
--   2. Incarnations are random: a new one supersedes the one known, and one that was superseded never comes back.
--   3. A node that left (no report kept) comes back with a higher sequence or a new incarnation only.
--   4. The key lives as long as the last accepted report.
--   5. `since` is when this incarnation was first reported, or reported again after it left: milliseconds of Redis' clock.
local known = redis.call('HMGET', KEYS[1], 'incarnation', 'sequence', 'past', 'report')
local past = known[3] or ''
if known[1] == ARGV[1] then
  if ARGV[2] < known[2] or (ARGV[2] == known[2] and not known[4]) then
    return { 0 }
  end
elseif known[1] then
  if string.find(past, '<' .. ARGV[1] .. '>', 1, true) then
    return { 0 }
  end
  -- Enough for a node that restarts in a loop; older ones have nobody left to speak for them.
  past = string.sub('<' .. known[1] .. '>' .. past, 1, 1024)
end

if not (known[1] == ARGV[1] and known[4]) then
  local time = redis.call('TIME')
  redis.call('HSET', KEYS[1], 'since', string.format('%.0f', math.floor((time[1] * 1000000 + time[2]) / 1000)))
end

redis.call('HSET', KEYS[1], 'incarnation', ARGV[1], 'sequence', ARGV[2], 'past', past, 'report', ARGV[3])
redis.call('PEXPIRE', KEYS[1], ARGV[4])
redis.call('PUBLISH', ARGV[5], ARGV[6] .. ARGV[3])
return { 1 }
