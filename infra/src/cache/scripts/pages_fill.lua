-- KEYS pages, leases, barrier. ARGV fill id, page, time to live in ms, maximum number of fields, field.
-- The hash expires with the page that expires first, so no page is kept after its time to live.
local lease = redis.call('HGET', KEYS[2], ARGV[5])
if not lease or string.sub(lease, 1, 16) ~= ARGV[1] then
  return 0
end
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
if redis.call('TYPE', KEYS[3]).ok ~= 'zset' then
  redis.call('DEL', KEYS[3]) -- not a barrier of this program
end
if redis.call('ZCOUNT', KEYS[3], now, '+inf') > 0 then
  return 0
end
redis.call('HDEL', KEYS[2], ARGV[5])
if redis.call('HLEN', KEYS[1]) >= tonumber(ARGV[4]) and redis.call('HEXISTS', KEYS[1], ARGV[5]) == 0 then
  return 0
end
redis.call('HSET', KEYS[1], ARGV[5], ARGV[2])
redis.call('PEXPIRE', KEYS[1], ARGV[3], 'LT')
return 1
