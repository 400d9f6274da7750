-- Begins the life of several leases of one node anew.
--
-- KEYS[1]  sorted set of the node's taken slots: member LEASE#i, score = end of the lease in milliseconds of Redis' clock
-- KEYS[2]  sorted set of the node's released leases: score = until when each is remembered
-- ARGV     capacity of the node (0 = not known), life in ms, then lease and slots of each lease
-- Answers  slots taken now, version (microseconds of Redis' clock), ms until the first lease ends, then for each lease 1 or, lost, 0
--
-- Invariants
--   1. Time is Redis' own. A lease whose end has passed is swept first, like everywhere.
--   2. A lease that is held stays held, whatever the capacity is now.
--   3. A lease that is gone (it expired, or Redis lost it) is taken again if the node has room for all of its slots, else lost. One
--      that was released is lost: this renewal began before its release, and nobody would give the slots back.
--   4. This script never brings the members above the capacity.
--   5. The key lives as long as the last of its leases; longer, by at most a life, where the last one was given back.
local time = redis.call('TIME')
local version = time[1] * 1000000 + time[2]
local now = math.floor(version / 1000)
local capacity, ends = tonumber(ARGV[1]), now + tonumber(ARGV[2])

redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', now)
local taken = redis.call('ZCARD', KEYS[1])
local answer = { 0, version, 0 }

for a = 3, #ARGV, 2 do
  local lease, slots = ARGV[a], tonumber(ARGV[a + 1])
  local held = redis.call('ZSCORE', KEYS[1], lease .. '#1')
  local kept = held or (taken + slots <= capacity and tonumber(redis.call('ZSCORE', KEYS[2], lease) or '0') <= now)
  if kept then
    for i = 1, slots do
      redis.call('ZADD', KEYS[1], ends, lease .. '#' .. i)
    end
    if not held then
      taken = taken + slots
    end
  end
  answer[#answer + 1] = kept and 1 or 0
end

local last = redis.call('ZREVRANGE', KEYS[1], 0, 0, 'WITHSCORES')[2]
if last then
  redis.call('PEXPIREAT', KEYS[1], last)
  answer[3] = redis.call('ZRANGE', KEYS[1], 0, 0, 'WITHSCORES')[2] - now
end
answer[1] = taken
return answer
