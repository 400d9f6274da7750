-- Takes the slots of one lease on one node.
--
-- KEYS[1]  sorted set of the node's taken slots: member LEASE#i, score = end of the lease in milliseconds of Redis' clock
-- ARGV     lease, slots, capacity of the node, life in ms, channel of slot events, node
-- Answers  granted (1 or 0), slots taken now, version (microseconds of Redis' clock), ms until the first lease ends
--
-- Invariants
--   1. Time is Redis' own. A member whose end has passed is no taken slot: it is swept before anything is counted.
--   2. This script never brings the members above the capacity.
--   3. A lease has all of its slots or none.
--   4. Taking a lease that is held already takes nothing more; it only begins its life anew.
--   5. The key lives as long as the last of its leases; longer, by at most a life, where the last one was given back.
--   6. A lease that seems to end later than the longest life allows (Leases:Life) ends a life from now: Redis' clock was set back, and those of
--      dead gateways would take slots until it has caught up.
--   7. A node that this fills is published, so that no Scheduler asks it in vain.
local time = redis.call('TIME')
local version = time[1] * 1000000 + time[2]
local now = math.floor(version / 1000)
local slots, capacity, ends = tonumber(ARGV[2]), tonumber(ARGV[3]), now + tonumber(ARGV[4])

redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', now)
local longest = 300000
for _, member in ipairs(redis.call('ZRANGEBYSCORE', KEYS[1], string.format('(%.0f', now + longest), '+inf')) do
  redis.call('ZADD', KEYS[1], ends, member)
end
local held = redis.call('ZSCORE', KEYS[1], ARGV[1] .. '#1')
local taken = redis.call('ZCARD', KEYS[1])
local granted = held or taken + slots <= capacity
if granted then
  for i = 1, slots do
    redis.call('ZADD', KEYS[1], ends, ARGV[1] .. '#' .. i)
  end
  if not held then
    taken = taken + slots
  end
  redis.call('PEXPIREAT', KEYS[1], redis.call('ZREVRANGE', KEYS[1], 0, 0, 'WITHSCORES')[2])
end

local first = redis.call('ZRANGE', KEYS[1], 0, 0, 'WITHSCORES')[2]
local left = first and first - now or 0
if granted and not held and taken >= capacity then
  redis.call('PUBLISH', ARGV[5], string.format('%d %d %.0f %s', taken, left, version, ARGV[6]))
end
return { granted and 1 or 0, taken, version, left }
