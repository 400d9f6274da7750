-- Announces a node's tunnel, or makes its announcement last anew.
--
-- KEYS[1]  sorted set of the node's routes; the score is a route's end in Redis' milliseconds
-- ARGV     route ("TUNNEL-ID ADDRESS"), life in ms
--
-- Invariants
--   1. A route that its gateway does not renew is gone after its life.
--   2. A route names its tunnel, so that only that tunnel's gateway renews or withdraws it.
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', now)
redis.call('ZADD', KEYS[1], now + ARGV[2], ARGV[1])
redis.call('PEXPIRE', KEYS[1], ARGV[2])
return 1
