-- wrk's script: bodies of a file in turn, `args[2]` milliseconds of pause on average, and a line of JSON at the end.
local bodies, place, pause = {}, 0, 0
local statuses = {}
local threads = {}

wrk.method = "POST"
wrk.headers["Content-Type"] = "application/json"

function setup(thread)
  table.insert(threads, thread)
end

function init(args)
  for line in io.lines(args[1]) do
    bodies[#bodies + 1] = line
  end
  pause = tonumber(args[2])
  math.randomseed(7)
  place = math.random(#bodies)
  ok, refused, other = 0, 0, 0
end

function request()
  place = place % #bodies + 1
  return wrk.format(nil, nil, nil, bodies[place])
end

if wrk.thread == nil and os.getenv("LOAD_PAUSED") then
  -- Exponential pauses on many connections: arrivals as of many customers who do not wait for each other.
  function delay()
    return -pause * math.log(1 - math.random())
  end
end

function response(status)
  if status == 200 then
    ok = ok + 1
  elseif status == 429 then
    refused = refused + 1
  else
    other = other + 1
  end
end

function done(summary, latency)
  local total = { ok = 0, refused = 0, other = 0 }
  for _, thread in ipairs(threads) do
    for name in pairs(total) do
      total[name] = total[name] + thread:get(name)
    end
  end
  local errors = summary.errors
  io.write(string.format(
    '\n{"seconds": %f, "ok": %d, "refused": %d, "other": %d, "timeouts": %d, "broken": %d, "p50": %f, "p99": %f}\n',
    summary.duration / 1e6, total.ok, total.refused, total.other, errors.timeout,
    errors.connect + errors.read + errors.write, latency:percentile(50) / 1e3, latency:percentile(99) / 1e3))
end
