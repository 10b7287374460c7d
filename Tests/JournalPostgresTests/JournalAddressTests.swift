import JournalPostgres
import PostgresTesting
import PrimitiveKit
import Testing

struct JournalAddressTests {
  @Test func `what is no address is refused without its text`() {
    let error = #expect(throws: CallFailure.self) { try PostgresDatabase(url: "postgres://anna:secret@db:port:5/ops") }
    #expect(error?.code == "journal.address")
    #expect(error.map { "\($0)".contains("secret") } == false)
  }

  @Test func `a server that is not there is said at once and without the password`() async throws {
    let url = "postgres://anna:s3cret@127.0.0.1:1/ops?application_name=s3cret"
    let database = try PostgresDatabase(url: url)
    let failure = await failure { () throws(CallFailure) in try await database.run("SELECT 1") }
    #expect(failure?.code == "journal.unavailable")
    #expect(failure?.message.contains("postgres://127.0.0.1:1/ops cannot be reached") == true)
    #expect(failure.map { "\($0)".contains("s3cret") } == false)
  }

  @Test func `a database that is not there is named`() async throws {
    let server = try await PostgresServer.shared()
    let database = try PostgresDatabase(url: "postgres://opsh:pw@/nowhere?host=\(server.directory)")
    let failure = await failure { () throws(CallFailure) in try await database.run("SELECT 1") }
    #expect(failure?.code == "journal.unavailable")
    #expect(failure?.message.contains("nowhere") == true)
  }
}
