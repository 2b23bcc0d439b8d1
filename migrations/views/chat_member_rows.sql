-- A member as the repositories read one.
CREATE OR REPLACE VIEW chat_member_rows AS
  SELECT m.chat_id, m.user_id, u.fullname, u.email, u.status, m.role,
         unix_micros(m.joined_at) AS joined_at
  FROM chat_members m JOIN users u ON u.id = m.user_id;
