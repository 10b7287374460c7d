import PostgresClient
import PostgresTesting
import Testing

struct PostgresAddressTests {
  @Test(arguments: [
    ("postgres://anna:secret@db.example:5433/ops?sslmode=require", "postgres://db.example:5433/ops"),
    ("postgresql://db.example/ops", "postgres://db.example/ops"),
    ("postgres://anna@/ops?host=/var/run/postgresql&password=secret", "postgres:///ops?host=/var/run/postgresql"),
    ("postgres:///ops", "postgres:///ops"),
    ("postgres://[::1]:5433/ops", "postgres://::1:5433/ops"),
  ])
  func `the name shows where and no secret`(url: String, name: String) throws {
    let address = try PostgresAddress(url)
    #expect(address.name == name)
    #expect("\(address)" == name)
    #expect(String(reflecting: address).contains("secret") == false)
  }

  @Test(arguments: [
    "mysql://anna:secret@db/ops", "", "host=db password=secret", "postgres://anna:secret@db:port:5/ops",
    "postgres://anna:secret@[::1/ops", "postgres://anna:secret@db/ops?nonsense=1", "postgres://anna:sec%ret@db/ops",
    "postgres://db/ops\0?password=secret",
  ])
  func `what is no address is refused without its text`(url: String) {
    let error = #expect(throws: PostgresError.self) { try PostgresAddress(url) }
    #expect(error?.kind == .invalid)
    #expect(error.map { "\($0)".contains("secret") } == false)
  }

  @Test func `a server that is not there is said at once and without the password`() async throws {
    let address = try PostgresAddress("postgres://anna:s3cret@127.0.0.1:1/ops?application_name=s3cret")
    let connection = PostgresConnection(address: address)
    let error = await problem { () throws(PostgresError) in try await connection.open() }
    #expect(error?.kind == .unreachable)
    #expect(error?.message.contains("127.0.0.1") == true)
    #expect(error.map { "\($0)".contains("s3cret") } == false)
  }
}
