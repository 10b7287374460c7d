import PostgresClient
import PostgresTesting
import Testing

struct PostgresLossTests {
  private func connections(_ cut: CuttingProxy.Cut) async throws -> (cut: PostgresConnection, plain: PostgresConnection)
  {
    let server = try await PostgresServer.shared()
    let url = try await server.newSchema()
    let plain = PostgresConnection(address: try PostgresAddress(url))
    try await plain.open()
    try await plain.run("CREATE TABLE t (a int)")
    let proxy = try CuttingProxy(server: server.directory, cut: cut)
    let address = try PostgresAddress(url.replacing(server.directory, with: proxy.directory))
    return (PostgresConnection(address: address), plain)
  }

  @Test func `a commit whose answer is lost has an unknown outcome`() async throws {
    let (cut, plain) = try await connections(.answer(to: "COMMIT\0"))
    try await cut.open()
    try await cut.begin()
    try await cut.run("INSERT INTO t VALUES (1)")
    let error = await problem { () throws(PostgresError) in try await cut.commit() }
    #expect(error?.kind == .unknownOutcome)
    #expect(error?.isTransient == false)
    #expect(try await plain.run("SELECT count(*) FROM t").rows.first?.read(0) == 1)
  }

  @Test func `a statement lost inside a transaction has done nothing`() async throws {
    let (cut, plain) = try await connections(.answer(to: "INSERT"))
    try await cut.open()
    try await cut.begin()
    let error = await problem { () throws(PostgresError) in try await cut.run("INSERT INTO t VALUES (1)") }
    #expect(error?.kind == .lost)
    #expect(error?.isTransient == true)
    #expect(try await plain.run("SELECT count(*) FROM t").rows.first?.read(0) == 0)
  }

  @Test func `a statement lost outside of one may have happened`() async throws {
    let (cut, plain) = try await connections(.answer(to: "INSERT"))
    try await cut.open()
    let error = await problem { () throws(PostgresError) in try await cut.run("INSERT INTO t VALUES (1)") }
    #expect(error?.kind == .unknownOutcome)
    #expect(try await plain.run("SELECT count(*) FROM t").rows.first?.read(0) == 1)
  }
}
