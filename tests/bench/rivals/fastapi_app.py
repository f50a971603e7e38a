"""FastAPI + redis.asyncio: cached reads as people write them. `scripts/bench rivals` starts it.

One uvicorn worker on uvloop and httptools, without an access log; redis.asyncio with hiredis, its parser in C, and its own
pool of connections. The JSON text of an answer is in Redis; a handler reads it, parses it and returns plain data.

- /near/{n}, /strict/{n}: functions without a return type, whose data FastAPI walks through and the json module encodes.
- /typed/…: functions that declare a plain dictionary, which lets FastAPI encode with Pydantic's serialiser in Rust.

Near reads go to Redis too, for redis.asyncio keeps no copies. There are none of Atelier's layers: no authentication,
limits, metrics or request ids.
"""

import json
import os
from typing import Any

from fastapi import FastAPI, HTTPException
from redis.asyncio import Redis

app = FastAPI()
redis = Redis.from_url(os.environ["REDIS_URL"])


async def cached(key: str):
    text = await redis.get(key)
    if text is None:
        raise HTTPException(status_code=404)
    return json.loads(text)


@app.get("/near/{n}")
async def near(n: int):
    return await cached(f"near:{n}")


@app.get("/strict/{n}")
async def strict(n: int):
    return await cached(f"strict:{n}")


@app.get("/typed/near/{n}")
async def typed_near(n: int) -> dict[str, Any]:
    return await cached(f"near:{n}")


@app.get("/typed/strict/{n}")
async def typed_strict(n: int) -> dict[str, Any]:
    return await cached(f"strict:{n}")
