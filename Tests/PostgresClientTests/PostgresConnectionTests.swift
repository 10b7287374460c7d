import PostgresClient
import PostgresTesting
import Testing

struct PostgresConnectionTests {
  @Test func `each family of types goes and comes back`() async throws {
    let connection = try await PostgresConnection.fresh()
    let row = try #require(
      try await connection.run(
        "SELECT $1::int2, $2::int4, $3::int8, $4::float4, $5::float8, $6, $7::text, $8::bytea, $9::text",
        Int16.min,
        Int32.min,
        Int64.min,
        Float(0.1),
        0.1 + 0.2,
        true,
        "é'\"\\\n",
        PostgresBytes([0, 1, 92, 255]),
        String?.none
      ).rows.first
    )
    #expect(try row.read(0) == Int16.min)
    #expect(try row.read(1) == Int32.min)
    #expect(try row.read(2) == Int64.min)
    #expect(try row.read(3) == Float(0.1))
    #expect(try row.read(4) == 0.1 + 0.2)
    #expect(try row.read(5) == true)
    #expect(try row.read(6) == "é'\"\\\n")
    #expect(try row.read(7) == PostgresBytes([0, 1, 92, 255]))
    #expect(try row.readIfAny(8, as: String.self) == nil)
    #expect(row[8] == nil)
  }

  @Test(arguments: ["1.50", "-0.000000000000000001", "12345678901234567890123456789012345678.5", "NaN", "0.00"])
  func `a numeric keeps every digit`(digits: String) async throws {
    let connection = try await PostgresConnection.fresh()
    let rows = try await connection.run("SELECT $1", PostgresNumeric(digits)).rows
    #expect(try rows.first?.read(0) == PostgresNumeric(digits))
  }

  @Test func `a timestamp has an instant where there is one, and its text always`() async throws {
    let connection = try await PostgresConnection.fresh()
    let microseconds: [Int64] = [0, -1, 1_795_912_089_500_000, -62_135_596_800_000_000 + 1]
    for instant in microseconds {
      let row = try await connection.run("SELECT $1", PostgresTimestamp(microseconds: instant)).rows.first
      #expect(try row?.read(0, as: PostgresTimestamp.self).microseconds == instant)
    }
    try await connection.script("SET TimeZone = 'Asia/Kolkata'")
    let row = try #require(
      try await connection.run("SELECT 'epoch'::timestamptz, 'infinity'::timestamptz, '0044-03-15 BC'::timestamptz")
        .rows
        .first
    )
    #expect(try row.read(0, as: PostgresTimestamp.self).microseconds == 0)
    #expect(try row.read(1) == PostgresTimestamp(text: "infinity"))
    #expect(try row.read(2, as: PostgresTimestamp.self).microseconds == nil)
  }

  @Test func `a field that is of another type is an error that does not quote it`() async throws {
    let connection = try await PostgresConnection.fresh()
    let text = "SELECT 's3cret' AS a, NULL AS b, 70000 AS c, 1 AS d, 2 AS d"
    let row = try #require(try await connection.run(text).rows.first)
    let errors = [
      #expect(throws: PostgresError.self) { try row.read("a", as: Int.self) },
      #expect(throws: PostgresError.self) { try row.read("b", as: String.self) },
      #expect(throws: PostgresError.self) { try row.read("c", as: Int16.self) },
      #expect(throws: PostgresError.self) { try row.read("d", as: Int.self) },
      #expect(throws: PostgresError.self) { try row.read("e", as: Int.self) },
      #expect(throws: PostgresError.self) { try row.read(9, as: Int.self) },
    ]
    #expect(errors.allSatisfy { $0?.kind == .invalid && $0?.message.contains("s3cret") == false })
  }

  @Test func `a text argument takes the type that the statement wants`() async throws {
    let connection = try await PostgresConnection.fresh()
    let id = "b7e0f6a2-3d5c-4a51-9f0e-000000000001"
    let rows = try await connection.run("SELECT 1 WHERE $1 = '\(id)'::uuid AND 2 = ANY($2::int[])", id, "{1,2}").rows
    #expect(rows.count == 1)
  }

  @Test func `arguments are bound, and a statement is one`() async throws {
    let connection = try await PostgresConnection.fresh()
    let trick = "'; DROP TABLE t; --"
    try await connection.run("CREATE TABLE t (a text)")
    try await connection.run("INSERT INTO t VALUES ($1)", trick)
    #expect(try await connection.run("SELECT a FROM t").rows.first?.read(0) == trick)
    let two = await problem { () throws(PostgresError) in try await connection.run("SELECT 1; SELECT 2") }
    #expect(two?.state == "42601")
    for text in ["", "-- nothing"] {
      let none = await problem { () throws(PostgresError) in try await connection.run(text) }
      #expect(none?.kind == .invalid)
    }
    let zero = await problem { () throws(PostgresError) in try await connection.run("SELECT $1", "a\0b") }
    #expect(zero?.kind == .invalid)
  }

  @Test func `each statement says its tag and where the transaction stands`() async throws {
    let connection = try await PostgresConnection.fresh()
    try await connection.run("CREATE TABLE t (a int)")
    try await connection.begin()
    let inserted = try await connection.run("INSERT INTO t VALUES (1), (2), (3)")
    #expect(inserted.tag == "INSERT 0 3")
    #expect(inserted.affected == 3)
    #expect(inserted.transaction == .active)
    _ = await problem { () throws(PostgresError) in try await connection.run("SELECT 1 / 0") }
    #expect(await connection.transaction == .failed)
    let refused = await problem { () throws(PostgresError) in try await connection.commit() }
    #expect(refused?.kind == .refused)
    #expect(await connection.transaction == .idle)
    #expect(try await connection.run("SELECT count(*) FROM t").rows.first?.read(0) == 0)
  }

  @Test func `an error has its state, its place and what it is about`() async throws {
    let connection = try await PostgresConnection.fresh()
    try await connection.run("CREATE TABLE t (a int NOT NULL CONSTRAINT small CHECK (a < 10))")
    let place = await problem { () throws(PostgresError) in try await connection.run("SELECT é FROM t") }
    #expect(place?.state == "42703")
    #expect(place?.position == 8)
    let null = await problem { () throws(PostgresError) in try await connection.run("INSERT INTO t VALUES (NULL)") }
    #expect(null?.state == "23502")
    #expect(null?.table == "t")
    #expect(null?.column == "a")
    let check = await problem { () throws(PostgresError) in try await connection.run("INSERT INTO t VALUES (4711)") }
    #expect(check?.constraint == "small")
    // The detail quotes the row.
    #expect(check.map { "\($0)".contains("4711") } == false)
  }

  @Test func `warnings come with the statement, in bounded number`() async throws {
    let connection = try await PostgresConnection.fresh()
    let result = try await connection.run("DO $$ BEGIN RAISE WARNING 'careful'; RAISE NOTICE 'by the way'; END $$")
    #expect(result.warnings == ["01000 careful"])
    let many = "DO $$ BEGIN FOR i IN 1..1000 LOOP RAISE WARNING 'w'; END LOOP; END $$"
    #expect(try await connection.run(many).warnings.count == 50)
    #expect(try await connection.run("SELECT 1").warnings == [])
  }

  @Test func `a server's limit holds for the transaction it was set in`() async throws {
    let connection = try await PostgresConnection.fresh()
    try await connection.begin()
    let slow = try PostgresQuery("SELECT pg_sleep(60)", serverLimit: .milliseconds(50))
    let error = await problem { () throws(PostgresError) in try await connection.run(slow) }
    #expect(error?.kind == .refused)
    #expect(error?.state == "57014")
    await connection.rollBack()
    #expect(try await connection.run("SHOW statement_timeout").rows.first?.read(0) == "0")
  }

  @Test func `COPY is refused and says so`() async throws {
    let connection = try await PostgresConnection.fresh()
    let error = await problem { () throws(PostgresError) in try await connection.run("COPY (SELECT 1) TO STDOUT") }
    #expect(error?.message.contains("COPY") == true)
  }

  @Test func `a password is asked for when the server wants one`() async throws {
    let server = try PostgresServer(authentication: "scram-sha-256")
    defer { server.end() }
    let address = try PostgresAddress(server.url())
    let without = PostgresConnection(address: address)
    let error = await problem { () throws(PostgresError) in try await without.open() }
    #expect(error?.kind == .unreachable)
    #expect(error?.needsPassword == true)
    let with = PostgresConnection(address: address) { PostgresServer.password }
    try await with.open()
    #expect(try await with.run("SELECT 1").rows.first?.read(0) == 1)
    let wrong = PostgresConnection(address: address) { "t0psecret" }
    let refused = await problem { () throws(PostgresError) in try await wrong.open() }
    #expect(refused?.kind == .unreachable)
    #expect(refused.map { "\($0)".contains("t0psecret") } == false)
  }
}
