-- Forgets the state of a node whose watch ended, unless somebody has reported a newer one since.
--
-- KEYS[1]  hash of the node's state
-- ARGV     incarnation, last sequence (20 digits), departure, channel of nodes, writer's identity
-- Answers  1 dropped, 0 superseded
--
-- Invariants
--   1. A newer sequence, or another incarnation, is left alone.
--   2. A departure of which Redis knows nothing (it was flushed) is published all the same: other Schedulers may know the node.
--   3. Incarnation and sequence stay for the rest of the key's life, so that a late report of the departed does not revive it.
local known = redis.call('HMGET', KEYS[1], 'incarnation', 'sequence')
if known[1] then
  if known[1] ~= ARGV[1] or known[2] > ARGV[2] then
    return { 0 }
  end
  redis.call('HDEL', KEYS[1], 'report')
  redis.call('HSET', KEYS[1], 'sequence', ARGV[2])
end

redis.call('PUBLISH', ARGV[4], ARGV[5] .. ARGV[3])
return { 1 }
