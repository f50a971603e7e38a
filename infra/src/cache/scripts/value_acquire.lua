-- KEYS value, lease, barrier. ARGV fill id, rejected fill id, lease in ms, format.
-- A value of another format or Redis type, or with the rejected fill id, counts as missing.
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
if redis.call('TYPE', KEYS[3]).ok ~= 'zset' then
  redis.call('DEL', KEYS[3]) -- not a barrier of this program
end
if redis.call('ZCOUNT', KEYS[3], now, '+inf') > 0 then
  return {'BYPASS'}
end
local value = redis.pcall('GET', KEYS[1])
if type(value) == 'table' then
  redis.call('DEL', KEYS[1])
  value = false
end
if value and string.sub(value, 1, 4) == ARGV[4] and string.sub(value, 6, 21) ~= ARGV[2] then
  return {'HIT', value}
end
if redis.call('SET', KEYS[2], ARGV[1], 'NX', 'PX', ARGV[3]) then
  return {'LEASE'}
end
if redis.call('PTTL', KEYS[2]) == -1 then
  redis.call('DEL', KEYS[2]) -- leases of this program always expire
end
return {'BUSY'}
