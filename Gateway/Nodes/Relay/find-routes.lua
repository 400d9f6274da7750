-- Answers a node's routes that have not run out.
--
-- KEYS[1]  as in keep-route.lua
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
return redis.call('ZRANGEBYSCORE', KEYS[1], '(' .. now, '+inf')
