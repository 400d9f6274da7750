-- Counts its runs, then answers, or fails where ARGV[1] says so: what ran twice counts two.
redis.call('INCR', KEYS[1])
if ARGV[1] == 'fail' then
  return redis.error_reply('ERR asked to')
end
return redis.call('GET', KEYS[1])
