-- KEYS the limits of a request. ARGV per limit: quota, interval, least, most (requests).
-- A state is the theoretical arrival time and the interval of the limit when it was written, in microseconds on the clock of Redis.
-- Grants every limit at least its least, or none of them. Replies 1 or 0, then per limit what was granted and the time until it is
-- full. The rule is that of domain/src/limits/gcra.rs.
local SKEW = 60000000
local time = redis.call('TIME')
local now = time[1] * 1000000 + time[2]
local limits = {}
local allowed = 1
for i, key in ipairs(KEYS) do
  local quota, interval = tonumber(ARGV[4 * i - 3]), tonumber(ARGV[4 * i - 2])
  local least, most = tonumber(ARGV[4 * i - 1]), tonumber(ARGV[4 * i])
  local burst = quota * interval
  local debt, converted = 0, false
  local value = redis.pcall('GET', key)
  local tat, old
  if type(value) == 'string' then
    tat, old = string.match(value, '^(%d+) (%d+)$')
  end
  if tat then
    old = math.max(tonumber(old), 1)
    debt = math.max(tonumber(tat) - now, 0)
    if old ~= interval then
      debt = math.min(math.ceil(debt / old), quota) * interval
      converted = true
    elseif debt > burst + SKEW then
      debt = burst
      converted = true
    end
  end
  local available = math.floor(math.max(burst - debt, 0) / interval)
  if available < least then
    allowed = 0
  end
  limits[i] = {interval = interval, debt = debt, converted = converted, granted = math.min(math.max(most, least), available)}
end
local reply = {allowed}
for i, key in ipairs(KEYS) do
  local limit = limits[i]
  if allowed == 0 then
    limit.granted = 0
  end
  local debt = limit.debt + limit.granted * limit.interval
  if limit.granted > 0 or limit.converted and debt > 0 then
    redis.call('SET', key, string.format('%.0f %.0f', now + debt, limit.interval), 'PX', math.ceil(debt / 1000))
  end
  reply[2 * i] = limit.granted
  reply[2 * i + 1] = debt
end
return reply
