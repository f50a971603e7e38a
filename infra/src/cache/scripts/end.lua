-- KEYS value, lease, barrier. ARGV channel, message, and the transaction for END (absent for DROP).
-- Drops unconditionally: a comparison of versions would keep the value of a deleted row whose name is used again.
redis.call('DEL', KEYS[1], KEYS[2])
if redis.call('TYPE', KEYS[3]).ok ~= 'zset' then
  redis.call('DEL', KEYS[3]) -- not a barrier of this program
end
if ARGV[3] then
  redis.call('ZREM', KEYS[3], ARGV[3])
end
redis.call('PUBLISH', ARGV[1], ARGV[2])
return 1
