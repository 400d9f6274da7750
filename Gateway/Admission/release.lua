-- Ends one request of an account: its running entry goes, reserved tokens that were not used flow back, and tokens used beyond the
-- reservation are taken too, which may leave the bucket owing some.
-- KEYS as in admit.lua; ARGV: request id, tokens per minute (0 = none), tokens to give back (negative: to take).
redis.call('ZREM', KEYS[1], ARGV[1])
local limit, back = tonumber(ARGV[2]), tonumber(ARGV[3])
if limit > 0 and back ~= 0 then
  local left = redis.call('HGET', KEYS[2], 'tokens')
  if left then
    redis.call('HSET', KEYS[2], 'tokens', tostring(math.min(limit, tonumber(left) + back)))
  end
end
return 1
