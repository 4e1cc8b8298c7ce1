-- wrk's script: one of the operations, with Basic auth, on random records.
-- Arguments: operation, prefix of the paths, authorization header.
local operation, prefix, auth, thread_id
local counter = 0
local threads = 0
local run = tostring({}):match("%x+$")   -- an address: no other run has it

function setup(thread)
   thread:set("thread_id", threads)
   threads = threads + 1
end

function init(args)
   operation, prefix, auth = args[1], args[2], args[3]
   thread_id = wrk.thread:get("thread_id")
   math.randomseed(os.time() + thread_id * 7919)
   wrk.headers["Authorization"] = auth
   wrk.headers["Content-Type"] = "application/json"
end

local function post(path, ...)
   return wrk.format("POST", prefix .. path, nil, string.format(...))
end

local make = {
   fixed = function() return wrk.format("GET", prefix) end,
   one = function()
      return wrk.format("GET", prefix .. "/one/" .. math.random(1, 90000))
   end,
   limited = function()
      return wrk.format("GET", prefix .. "/limited/" .. math.random(1, 90000))
   end,
   list100 = function()
      return wrk.format("GET", prefix .. "/list?max=100&from="
                        .. math.random(1, 90000))
   end,
   list10000 = function()
      return wrk.format("GET", prefix .. "/list?max=10000&from="
                        .. math.random(1, 90000))
   end,
   create = function()
      return post("/create", '{"name":"Person","email":"w%s-%d-%d@example.com",'
                  .. '"city":"London","amount":"123.45"}',
                  run, os.time(), counter)
   end,
   update = function()
      return post("/update", '{"id":%d,"quantity":%d,"note":"note %d"}',
                  math.random(1, 90000), counter % 1000, counter)
   end,
   upsert = function()
      return post("/upsert", '{"email":"person%d@example.com",'
                  .. '"name":"Person %d","quantity":%d}',
                  math.random(1001, 90000), counter, counter % 1000)
   end,
}

function request()
   counter = counter + 1
   return make[operation]()
end
