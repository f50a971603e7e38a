// Fastify + BentoCache, Fastify + ioredis: cached reads as people write them. `scripts/bench rivals` starts it.
//
// - /near/:n asks BentoCache, with memory over Redis and its defaults: memory holds JSON text, so that a caller cannot
//   change what others get, and a hit parses it. Instead of a database, what loads a missing value reads the driver's key.
// - /uncopied/:n likewise with `serialize: false`: memory holds the object itself, and callers must leave it alone.
// - /strict/:n reads the JSON text from Redis through one connection of ioredis and parses it.
//
// Handlers return plain data, which Fastify makes JSON of: no response schema. No logger, and none of Atelier's layers: no
// authentication, limits, metrics or request ids.

import { BentoCache, bentostore } from 'bentocache'
import { memoryDriver } from 'bentocache/drivers/memory'
import { redisDriver } from 'bentocache/drivers/redis'
import Fastify from 'fastify'
import { Redis } from 'ioredis'

const redis = new Redis(process.env.REDIS_URL)
const store = (memory) =>
  bentostore().useL1Layer(memoryDriver(memory)).useL2Layer(redisDriver({ connection: redis }))
const bento = new BentoCache({
  default: 'copied',
  stores: { copied: store({ maxItems: 10_000 }), uncopied: store({ maxItems: 10_000, serialize: false }) },
})

const read = async (key) => JSON.parse(await redis.get(key))
const near = (store) => ({ params: { n } }) =>
  bento.use(store).getOrSet({ key: `${store}:${n}`, ttl: '1h', factory: () => read(`near:${n}`) })

const app = Fastify()
app.get('/near/:n', near('copied'))
app.get('/uncopied/:n', near('uncopied'))
app.get('/strict/:n', ({ params: { n } }) => read(`strict:${n}`))
await app.listen({ host: '127.0.0.1', port: Number(process.env.PORT) })
