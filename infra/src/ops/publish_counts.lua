-- KEYS workers. ARGV worker, its counts, milliseconds until it no longer counts as live.
-- Returns the counts of all live workers. Times are those of Redis, since the clocks of workers may differ.
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
if redis.call('TYPE', KEYS[1]).ok ~= 'hash' then
  redis.call('DEL', KEYS[1]) -- not a hash of this program
end
redis.call('HSET', KEYS[1], ARGV[1], string.format('%.0f', now + ARGV[3]) .. ' ' .. ARGV[2])
redis.call('PEXPIRE', KEYS[1], ARGV[3])
local live = {}
local fields = redis.call('HGETALL', KEYS[1])
for i = 1, #fields, 2 do
  local deadline, counts = string.match(fields[i + 1], '^(%d+) (.*)$')
  if deadline and tonumber(deadline) > now then
    live[#live + 1] = counts
  else
    redis.call('HDEL', KEYS[1], fields[i])
  end
end
return live
