-- KEYS value, lease, barrier; ARGV channel, message, transaction or nothing.
-- Unconditional: a guard by version would keep the value of a deleted namesake.
redis.call('DEL', KEYS[1], KEYS[2])
if redis.call('TYPE', KEYS[3]).ok ~= 'zset' then
  redis.call('DEL', KEYS[3]) -- no barrier of ours
end
if ARGV[3] then
  redis.call('ZREM', KEYS[3], ARGV[3])
end
redis.call('PUBLISH', ARGV[1], ARGV[2])
return 1
