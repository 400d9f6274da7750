-- Admits one request of an account, or says why not. Everything lies in the account's slot, time is Redis' own.
-- Invariants: a refusal takes nothing; the stored key version only grows; a bucket never holds more than its limit.
--
-- KEYS[1]  running requests: sorted set, request id -> the millisecond at which its entry dies unless renewed
-- KEYS[2]  hash: version, and per bucket (requests, tokens) what is left in it and since when
-- ARGV     request id, entry's life in ms, key version, limits (0 = none): parallel requests, requests and tokens per minute,
--          tokens this request reserves
-- Returns  {verdict, ms after which to try again, highest key version}
local requestId, life, version = ARGV[1], tonumber(ARGV[2]), tonumber(ARGV[3])
local parallel, requests, tokens, wanted = tonumber(ARGV[4]), tonumber(ARGV[5]), tonumber(ARGV[6]), tonumber(ARGV[7])
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local minute = 60000

local highest = tonumber(redis.call('HGET', KEYS[2], 'version') or '0')
if highest > version then
  return {'stale', 0, highest}
end
if version > highest then
  redis.call('HSET', KEYS[2], 'version', ARGV[3])
end

-- A bucket of `limit` that fills evenly within a minute: what is in it now.
local function level(name, limit)
  local stored = redis.call('HMGET', KEYS[2], name, name .. '_at')
  if not stored[1] then
    return limit
  end
  return math.min(limit, tonumber(stored[1]) + (now - tonumber(stored[2])) * limit / minute)
end

-- Whole milliseconds until `missing` more have flowed in.
local function wait(missing, limit)
  return math.ceil(missing * minute / limit)
end

if parallel > 0 then
  redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', now)
  if redis.call('ZCARD', KEYS[1]) >= parallel then
    return {'parallel', 1000, version}
  end
end

local requestsLeft, tokensLeft = 0, 0
if requests > 0 then
  requestsLeft = level('requests', requests)
  if requestsLeft < 1 then
    return {'requests', wait(1 - requestsLeft, requests), version}
  end
end
if tokens > 0 then
  -- A request larger than the whole bucket passes when the bucket is full; else it never could.
  wanted = math.min(wanted, tokens)
  tokensLeft = level('tokens', tokens)
  if tokensLeft < wanted then
    return {'tokens', wait(wanted - tokensLeft, tokens), version}
  end
end

if parallel > 0 then
  redis.call('ZADD', KEYS[1], now + life, requestId)
  redis.call('PEXPIRE', KEYS[1], life * 2)
end
if requests > 0 then
  redis.call('HSET', KEYS[2], 'requests', tostring(requestsLeft - 1), 'requests_at', now)
end
if tokens > 0 then
  redis.call('HSET', KEYS[2], 'tokens', tostring(tokensLeft - wanted), 'tokens_at', now)
end
-- An account that is silent for a day starts with full buckets; its key version is learned again from its key.
redis.call('EXPIRE', KEYS[2], 86400)
return {'admitted', 0, version}
