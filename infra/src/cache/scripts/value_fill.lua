-- KEYS value, lease, barrier. ARGV fill id, value, time to live in ms.
if redis.pcall('GET', KEYS[2]) ~= ARGV[1] then
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
redis.call('SET', KEYS[1], ARGV[2], 'PX', ARGV[3])
redis.call('DEL', KEYS[2])
return 1
