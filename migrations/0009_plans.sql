-- A batch is small beside the tables that it touches, and the planner does not know that: it expects ten
-- or a hundred rows of an array, and on a young table a scan looks cheaper than so many look-ups. Its
-- plan stays for as long as the connection. Each of these looks up by an index, however large the table.
-- And it plans anew for each array, as long as that looks cheaper: half of all the work of a busy database.
-- One plan does for all of them.
ALTER FUNCTION append_messages(json, boolean) SET plan_cache_mode = force_generic_plan;
ALTER FUNCTION append_messages(json, boolean) SET enable_seqscan = off;
ALTER FUNCTION append_messages(json, boolean) SET enable_hashjoin = off;
ALTER FUNCTION append_messages(json, boolean) SET enable_mergejoin = off;
ALTER FUNCTION relay_mark(bigint, bigint, bigint, bigint[], bigint[], bigint[]) SET plan_cache_mode = force_generic_plan;
ALTER FUNCTION relay_mark(bigint, bigint, bigint, bigint[], bigint[], bigint[]) SET enable_seqscan = off;
ALTER FUNCTION relay_mark(bigint, bigint, bigint, bigint[], bigint[], bigint[]) SET enable_hashjoin = off;
ALTER FUNCTION relay_mark(bigint, bigint, bigint, bigint[], bigint[], bigint[]) SET enable_mergejoin = off;
