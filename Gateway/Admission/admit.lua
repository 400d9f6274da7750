-- Admits one request of a key, or says why not. Everything lies in the account's slot, time is Redis' own.
--
-- KEYS[1]  the account's running requests: sorted set, request id -> the millisecond at which its entry dies unless renewed
-- KEYS[2]  the account's hash: version, and per bucket (requests, tokens) its level and since when it stands there
-- KEYS[3]  the key's running requests, KEYS[4] the key's hash; as above, without a version
-- ARGV     request id, entry's life in ms, key version, tokens this request reserves,
--          then of the account and again of the key (0 = no limit): parallel requests, requests and tokens per minute
-- Answers  verdict, whose limit it is (account or key), ms after which to try again, highest key version,
--          then of the scarcer bucket of requests and again of tokens (limit 0 = there is none): limit, what is left, ms until it is full
--
-- Invariants
--   1. A refusal takes nothing, of the account or of the key.
--   2. The stored key version only grows.
--   3. A bucket never holds more than its limit; it fills evenly, within a minute from empty to full.
--   4. Where Redis' clock was set back, or another master's is behind, buckets fill from now on, and no entry lives longer than a life.
--   5. Levels are whole numbers of a 60,000th: one millisecond adds `limit` of them, so that nothing is ever rounded.
local minute = 60000
local requestId, life, version, reserve = ARGV[1], tonumber(ARGV[2]), tonumber(ARGV[3]), tonumber(ARGV[4])
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)

local highest = tonumber(redis.call('HGET', KEYS[2], 'version') or '0')
if highest > version then
  return { 'stale', 'account', 0, highest, 0, 0, 0, 0, 0, 0 }
end
if version > highest then
  redis.call('HSET', KEYS[2], 'version', ARGV[3])
end

-- Of several reasons the one that lasts longest is told: an earlier retry would be refused by it.
local verdict, whose, wait = 'admitted', '', 0
local function refuse(by, owner, ms)
  if ms > wait then
    verdict, whose, wait = by, owner, ms
  end
end

local function enter(set, owner, parallel)
  if parallel == 0 then
    return
  end
  redis.call('ZREMRANGEBYSCORE', set, '-inf', now)
  for _, entry in ipairs(redis.call('ZRANGEBYSCORE', set, string.format('(%.0f', now + life), '+inf')) do
    redis.call('ZADD', set, now + life, entry)
  end
  if redis.call('ZCARD', set) >= parallel then
    -- When another one ends, nobody knows.
    refuse('parallel', owner, 1000)
  end
end

local buckets = {}
local function look(hash, owner, name, limit, wanted)
  if limit == 0 then
    return
  end
  local full = limit * minute
  -- A request larger than the whole bucket passes when the bucket is full; else it never could.
  local bucket = { hash = hash, name = name, limit = limit, level = full, take = math.min(wanted, limit) * minute }
  local stored = redis.call('HMGET', hash, name, name .. '_at')
  if stored[1] then
    local passed = now - tonumber(stored[2])
    if passed < 0 then
      redis.call('HSET', hash, name .. '_at', string.format('%.0f', now))
    end
    bucket.level = math.min(full, tonumber(stored[1]) + math.max(0, passed) * limit)
  end
  if bucket.level < bucket.take then
    refuse(name, owner, math.ceil((bucket.take - bucket.level) / limit))
  end
  buckets[#buckets + 1] = bucket
end

local parallelOfAccount, parallelOfKey = tonumber(ARGV[5]), tonumber(ARGV[8])
enter(KEYS[1], 'account', parallelOfAccount)
enter(KEYS[3], 'key', parallelOfKey)
look(KEYS[2], 'account', 'requests', tonumber(ARGV[6]), 1)
look(KEYS[4], 'key', 'requests', tonumber(ARGV[9]), 1)
look(KEYS[2], 'account', 'tokens', tonumber(ARGV[7]), reserve)
look(KEYS[4], 'key', 'tokens', tonumber(ARGV[10]), reserve)

if verdict == 'admitted' then
  for set, parallel in pairs({ [KEYS[1]] = parallelOfAccount, [KEYS[3]] = parallelOfKey }) do
    if parallel > 0 then
      redis.call('ZADD', set, now + life, requestId)
      redis.call('PEXPIRE', set, life * 2)
    end
  end
  for _, bucket in ipairs(buckets) do
    bucket.level = bucket.level - bucket.take
    redis.call('HSET', bucket.hash, bucket.name, string.format('%.0f', bucket.level), bucket.name .. '_at', string.format('%.0f', now))
  end
  -- Who is silent for a day starts with full buckets; an account's key version is learned again from its keys.
  redis.call('EXPIRE', KEYS[2], 86400)
  redis.call('EXPIRE', KEYS[4], 86400)
end

local answer = { verdict, whose, wait, version, 0, 0, 0, 0, 0, 0 }
for _, bucket in ipairs(buckets) do
  local at = bucket.name == 'requests' and 5 or 8
  local left = math.max(0, math.floor(bucket.level / minute))
  if answer[at] == 0 or left < answer[at + 1] then
    answer[at], answer[at + 1], answer[at + 2] = bucket.limit, left, math.ceil((bucket.limit * minute - bucket.level) / bucket.limit)
  end
end
return answer
