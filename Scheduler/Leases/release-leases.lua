-- Gives the slots of several leases of one node back.
--
-- KEYS[1]  sorted set of the node's taken slots: member LEASE#i, score = end of the lease in milliseconds of Redis' clock
-- KEYS[2]  sorted set of the node's released leases: score = until when each is remembered
-- ARGV     capacity of the node (0 = not known), most slots of one lease, life in ms, channel of slot events, node, then lease and slots of each lease
-- Answers  slots taken now, version (microseconds of Redis' clock), ms until the first lease ends
--
-- Invariants
--   1. Time is Redis' own. Leases whose end has passed are swept.
--   2. No slot of another lease is touched.
--   3. Releasing a lease twice, or one that is gone, gives nothing back and is no error.
--   4. A released lease is remembered for a life, so that a renewal on its way does not take it again (renew-leases.lua).
--   5. Where a request could have been refused before, the room is published, so that waiting requests hear of it.
local time = redis.call('TIME')
local version = time[1] * 1000000 + time[2]
local now = math.floor(version / 1000)
local remembered = now + tonumber(ARGV[3])

local before = redis.call('ZCARD', KEYS[1])
redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', now)
redis.call('ZREMRANGEBYSCORE', KEYS[2], '-inf', now)
for a = 6, #ARGV, 2 do
  for i = 1, tonumber(ARGV[a + 1]) do
    redis.call('ZREM', KEYS[1], ARGV[a] .. '#' .. i)
  end
  redis.call('ZADD', KEYS[2], remembered, ARGV[a])
end
redis.call('PEXPIRE', KEYS[2], ARGV[3])

local taken = redis.call('ZCARD', KEYS[1])
local first = redis.call('ZRANGE', KEYS[1], 0, 0, 'WITHSCORES')[2]
local left = first and first - now or 0
if taken < before and tonumber(ARGV[1]) - before < tonumber(ARGV[2]) then
  redis.call('PUBLISH', ARGV[4], string.format('%d %d %.0f %s', taken, left, version, ARGV[5]))
end
return { taken, version, left }
