-- Counts as many requests of one visitor as are asked for, or as are left of the allowance.
--
-- KEYS: the visitor's allowance.
-- ARGV: how many are asked for, time per request, time of a whole burst. Times are microseconds; `now` is set before.
-- Answers how many were counted, and when that is none how long to wait for one.

local wanted, per, span = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3])

local function text(number) return string.format('%.0f', number) end

local due = tonumber(redis.call('GET', KEYS[1]) or now)
due = math.min(math.max(due, now), now + span)
local number = math.min(wanted, math.floor((now + span - due) / per))
if number < 1 then return {0, due + per - span - now} end

due = due + number * per
redis.call('SET', KEYS[1], text(due), 'PX', text(math.ceil((due - now) / 1000) + 60000))
return {number, 0}
