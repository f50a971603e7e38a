-- KEYS pages, leases, barrier. ARGV fill id, rejected fill id, lease in ms, format, field.
-- A lease is the fill id followed by its deadline on the clock of Redis.
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
if redis.call('TYPE', KEYS[3]).ok ~= 'zset' then
  redis.call('DEL', KEYS[3]) -- not a barrier of this program
end
if redis.call('ZCOUNT', KEYS[3], now, '+inf') > 0 then
  return {'BYPASS'}
end
local value = redis.pcall('HGET', KEYS[1], ARGV[5])
if type(value) == 'table' then
  redis.call('DEL', KEYS[1])
  value = false
end
if value and string.sub(value, 1, 4) == ARGV[4] and string.sub(value, 6, 21) ~= ARGV[2] then
  return {'HIT', value}
end
local lease = redis.pcall('HGET', KEYS[2], ARGV[5])
if type(lease) == 'table' then
  redis.call('DEL', KEYS[2]) -- not leases of this program
  lease = false
end
if lease and tonumber(string.sub(lease, 17)) > now then
  return {'BUSY'}
end
redis.call('HSET', KEYS[2], ARGV[5], ARGV[1] .. string.format('%.0f', now + ARGV[3]))
redis.call('PEXPIRE', KEYS[2], ARGV[3])
return {'LEASE'}
