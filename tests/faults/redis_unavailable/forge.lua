-- KEYS physical key; ARGV payload. Gives every value under the key this payload below its present header: fill id, times and
-- stamp stay, the flags say an uncompressed payload, and the checksum (CRC-32 of key, field and bytes) is right.
local table = {}
for i = 0, 255 do
  local c = i
  for _ = 1, 8 do
    c = bit.band(c, 1) == 1 and bit.bxor(bit.rshift(c, 1), 0xEDB88320) or bit.rshift(c, 1)
  end
  table[i] = c
end
local function crc32(text)
  local c = 0xFFFFFFFF
  for i = 1, #text do
    c = bit.bxor(table[bit.band(bit.bxor(c, string.byte(text, i)), 0xFF)], bit.rshift(c, 8))
  end
  return bit.bnot(c)
end
local function forged(value, field)
  local tag_end = 62 + string.byte(value, 62)
  local head = string.sub(value, 1, 4) .. '\0' .. string.sub(value, 6, 57)
  local rest = string.sub(value, 62, tag_end) .. ARGV[1]
  local sum = crc32(KEYS[1] .. field .. head .. rest)
  local bytes = string.char(bit.band(bit.rshift(sum, 24), 255), bit.band(bit.rshift(sum, 16), 255), bit.band(bit.rshift(sum, 8), 255), bit.band(sum, 255))
  return head .. bytes .. rest
end
if redis.call('TYPE', KEYS[1]).ok == 'hash' then
  local fields = redis.call('HGETALL', KEYS[1])
  for i = 1, #fields, 2 do
    redis.call('HSET', KEYS[1], fields[i], forged(fields[i + 1], fields[i]))
  end
  return #fields / 2
end
redis.call('SET', KEYS[1], forged(redis.call('GET', KEYS[1]), ''), 'KEEPTTL')
return 1
