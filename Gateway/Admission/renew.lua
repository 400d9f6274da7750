-- Begins the life of running requests of one key anew.
--
-- KEYS[1]  the account's running requests, KEYS[2] the key's; as in admit.lua
-- ARGV     entry's life in ms, then the request ids
--
-- Invariants: a request that has ended, or whose entry has died, does not come back.
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local life = tonumber(ARGV[1])
for _, set in ipairs(KEYS) do
  redis.call('ZREMRANGEBYSCORE', set, '-inf', now)
  for i = 2, #ARGV do
    redis.call('ZADD', set, 'XX', now + life, ARGV[i])
  end
  redis.call('PEXPIRE', set, life * 2)
end
return 1
