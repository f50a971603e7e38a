-- KEYS workers; ARGV worker, what it counted, milliseconds that it counts as alive.
-- Answers what all live workers counted. Times are the server's own, so that the workers' clocks need not agree.
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
if redis.call('TYPE', KEYS[1]).ok ~= 'hash' then
  redis.call('DEL', KEYS[1]) -- no workers of ours
end
redis.call('HSET', KEYS[1], ARGV[1], string.format('%.0f', now + ARGV[3]) .. ' ' .. ARGV[2])
redis.call('PEXPIRE', KEYS[1], ARGV[3])
local live = {}
local fields = redis.call('HGETALL', KEYS[1])
for i = 1, #fields, 2 do
  local deadline, counted = string.match(fields[i + 1], '^(%d+) (.*)$')
  if deadline and tonumber(deadline) > now then
    live[#live + 1] = counted
  else
    redis.call('HDEL', KEYS[1], fields[i])
  end
end
return live
