import PostgresClient
import PostgresTesting
import Testing

struct PostgresNotificationTests {
  private func listen(_ channels: String...) async throws -> (PostgresNotifications, PostgresConnection) {
    let address = try PostgresAddress(try await PostgresServer.shared().newSchema())
    let speaker = PostgresConnection(address: address)
    try await speaker.open()
    return (try await PostgresNotifications(channels, of: address), speaker)
  }

  @Test func `words arrive in order, from the channels asked for`() async throws {
    let (words, speaker) = try await listen("order", "odd \"name\"")
    try await speaker.run("SELECT pg_notify('other', 'unheard')")
    for number in 1...20 { try await speaker.run("SELECT pg_notify('order', $1)", "\(number)") }
    try await speaker.run("SELECT pg_notify('odd \"name\"', 'é')")
    let process = await speaker.process
    var iterator = words.makeAsyncIterator()
    for number in 1...20 {
      let word = try #require(try await iterator.next())
      #expect(word.channel == "order")
      #expect(word.payload == "\(number)")
      #expect(word.process == process)
    }
    #expect(try await iterator.next()?.payload == "é")
  }

  @Test func `a reader that waits is woken`() async throws {
    let (words, speaker) = try await listen("woken")
    let task = Task { () -> String? in
      for try await word in words { return word.payload }
      return nil
    }
    try await speaker.run("SELECT pg_notify('woken', 'now')")
    #expect(try await task.value == "now")
  }

  @Test func `a cancelled reader stops, a lost connection is an error`() async throws {
    let (words, _) = try await listen("runs")
    let task = Task { () -> PostgresError? in
      await problem { () throws(PostgresError) in
        var iterator = words.makeAsyncIterator()
        _ = try await iterator.next()
      }
    }
    task.cancel()
    #expect(await task.value?.kind == .cancelled)

    let (others, speaker) = try await listen("gone")
    let lost = Task { () -> PostgresError? in
      await problem { () throws(PostgresError) in
        var iterator = others.makeAsyncIterator()
        _ = try await iterator.next()
      }
    }
    let text = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE query = 'LISTEN \"gone\"'"
    try await speaker.run(text)
    #expect(await lost.value?.kind == .dropped)
  }
}
