-- A receipt is rewritten with each report of deliveries. Room in its page, so that the indexes do
-- not change with it; and no attempt to compress rows of up to a page (four times 128 points are
-- 4.2 KB), which took four fifths of the time of a report once the rows were long.
ALTER TABLE chat_receipts SET (fillfactor = 60, toast_tuple_target = 8160);
