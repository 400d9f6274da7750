-- Announces a node's tunnel, or makes its announcement last anew.
--
-- KEYS[1]  sorted set of the node's routes; the score is a route's end in Redis' milliseconds
-- ARGV     route ("TUNNEL-ID ADDRESS SIGNATURE"), life in ms
--
-- Invariants
--   1. A route that its gateway does not renew is gone after its life.
--   2. No route ends later than a life from now, whatever Redis' clock was set back by: those of dead gateways would stay.
--   3. A route names its tunnel, so that only that tunnel's gateway renews or withdraws it.
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', now)
local ends = now + ARGV[2]
redis.call('ZADD', KEYS[1], ends, ARGV[1])
for _, route in ipairs(redis.call('ZRANGEBYSCORE', KEYS[1], string.format('(%.0f', ends), '+inf')) do
  redis.call('ZADD', KEYS[1], ends, route)
end
redis.call('PEXPIRE', KEYS[1], ARGV[2])
return 1
