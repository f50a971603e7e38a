-- KEYS identity. ARGV the proposed identity, empty for none; milliseconds until it expires unless a server asks again.
-- Returns the identity of this store under this prefix, which is the proposed one if it had none; false if it has none.
if ARGV[1] ~= '' then
  redis.call('SET', KEYS[1], ARGV[1], 'NX')
end
redis.call('PEXPIRE', KEYS[1], ARGV[2])
return redis.call('GET', KEYS[1])
