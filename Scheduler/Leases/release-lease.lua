-- Gives the slots of one lease back.
--
-- KEYS[1]  sorted set of the node's taken slots: member LEASE#i, score = end of the lease in milliseconds of Redis' clock
-- KEYS[2]  sorted set of the node's released leases: score = until when each is remembered
-- ARGV     lease, slots, capacity of the node (0 = not known), most slots of one lease, life in ms, channel of slot events, node
-- Answers  slots given back, slots taken now, version (microseconds of Redis' clock), ms until the first lease ends
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

local before = redis.call('ZCARD', KEYS[1])
redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', now)
local given = 0
for i = 1, tonumber(ARGV[2]) do
  given = given + redis.call('ZREM', KEYS[1], ARGV[1] .. '#' .. i)
end

redis.call('ZREMRANGEBYSCORE', KEYS[2], '-inf', now)
redis.call('ZADD', KEYS[2], now + tonumber(ARGV[5]), ARGV[1])
redis.call('PEXPIRE', KEYS[2], ARGV[5])

local taken = redis.call('ZCARD', KEYS[1])
local first = redis.call('ZRANGE', KEYS[1], 0, 0, 'WITHSCORES')[2]
local left = first and first - now or 0
if taken < before and tonumber(ARGV[3]) - before < tonumber(ARGV[4]) then
  redis.call('PUBLISH', ARGV[6], string.format('%d %d %.0f %s', taken, left, version, ARGV[7]))
end
return { given, taken, version, left }
