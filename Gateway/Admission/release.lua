-- Ends one request of a key: its running entries go, reserved tokens that were not used flow back, and tokens used beyond the
-- reservation are taken too, which may leave a bucket owing some.
--
-- KEYS     as in admit.lua
-- ARGV     request id, then of the account and again of the key: tokens per minute (0 = no limit), tokens to give back (negative: to take)
--
-- Invariants: as in admit.lua; a bucket that is not there any more is full, and stays so.
local minute = 60000
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)

local function settle(hash, limit, back)
  if limit == 0 or back == 0 then
    return
  end
  local stored = redis.call('HMGET', hash, 'tokens', 'tokens_at')
  if not stored[1] then
    return
  end
  local full = limit * minute
  -- Up to now first: what overflowed before these tokens were taken must not pay for them.
  local level = math.min(full, tonumber(stored[1]) + math.max(0, now - tonumber(stored[2])) * limit)
  level = math.min(full, level + back * minute)
  redis.call('HSET', hash, 'tokens', string.format('%.0f', level), 'tokens_at', string.format('%.0f', now))
end

redis.call('ZREM', KEYS[1], ARGV[1])
redis.call('ZREM', KEYS[3], ARGV[1])
settle(KEYS[2], tonumber(ARGV[2]), tonumber(ARGV[3]))
settle(KEYS[4], tonumber(ARGV[4]), tonumber(ARGV[5]))
return 1
