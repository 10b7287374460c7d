import Foundation
import Journal
import PrimitiveKit
import Testing

/// Processes of their own race for one scope.
@Suite(.serialized) struct RaceTests {
  private func prepare(_ kind: TestDatabase) async throws -> (address: String, database: any Database) {
    let address = try await kind.address()
    let database = try await kind.open(address)
    try await TestLocks.createTables(database)
    return (address, database)
  }

  @Test(arguments: TestDatabase.allCases)
  func `of two processes exactly one wins, in each of 200 rounds`(kind: TestDatabase) async throws {
    let (address, database) = try await prepare(kind)
    let racers = [try Racer(address), try Racer(address)]
    var epoch = 0
    var wins = [0, 0]
    for round in 1...200 {
      // In every second round the lease of somebody who went away is there to be taken over.
      if round.isMultiple(of: 2) { try await leaveExpired(in: database) }
      let scopes = round.isMultiple(of: 3) ? ["fleet", "host/web1"] : ["host/web1", "host/web1"]
      // Who is told first changes with every round.
      for index in round.isMultiple(of: 4) ? [0, 1] : [1, 0] {
        try racers[index].send("take \(scopes[index]) r\(round)-\(index) 60000")
      }
      let answers = try racers.map { try $0.line() }
      let winners = answers.indices.filter { answers[$0].hasPrefix("won ") }
      try #require(winners.count == 1, "round \(round): \(answers)")
      #expect(answers.filter { $0.hasPrefix("lost racer@here") }.count == 1, "round \(round): \(answers)")
      let won = try #require(self.epoch(answers[winners[0]]))
      #expect(won > epoch, "round \(round)")
      epoch = won
      wins[winners[0]] += 1
      #expect(try racers[winners[0]].ask("release r\(round)-\(winners[0])") == "released")
    }
    #expect(wins[0] + wins[1] == 200)
    let report = try await TestLocks.journal(database).verify()
    #expect(report.problems.isEmpty)
  }

  private func leaveExpired(in database: any Database) async throws(CallFailure) {
    try await database.transaction { (session) async throws(CallFailure) in
      for row in ["'fleet', 'old', 'intent_exclusive'", "'host/web1', 'old', 'exclusive'"] {
        _ = try await session.query("INSERT INTO leases VALUES (\(row), '{}', 'old', '', 0, 0, 0, 1)", [])
      }
    }
  }

  @Test(arguments: TestDatabase.allCases)
  func `the lock of a killed process is free at once`(kind: TestDatabase) async throws {
    let (address, _) = try await prepare(kind)
    let (first, second) = (try Racer(address), try Racer(address))
    let old = try #require(epoch(try first.ask("take fleet a 60000")))
    #expect(try second.ask("take fleet b 60000").hasPrefix("lost racer@here"))
    first.kill()
    #expect(try #require(epoch(try second.ask("take fleet b 60000"))) > old)
  }

  @Test(arguments: TestDatabase.allCases)
  func `a process stopped past its lease has lost it when it goes on`(kind: TestDatabase) async throws {
    let (address, _) = try await prepare(kind)
    let (first, second) = (try Racer(address), try Racer(address))
    let old = try #require(epoch(try first.ask("take fleet a 200")))
    first.signal(SIGSTOP)
    var answer = ""
    repeat { answer = try second.ask("take fleet b 60000") } while answer.hasPrefix("lost")
    let new = try #require(epoch(answer))
    #expect(new > old)
    first.signal(SIGCONT)
    #expect(try first.ask("renew a \(old)") == "gone")
    #expect(try first.ask("release a") == "gone")
    #expect(try first.ask("take fleet a 200").hasPrefix("lost"))
    #expect(try second.ask("renew b \(new)") == "renewed")
  }

  // The answer to a lock that was granted: `won EPOCH`.
  private func epoch(_ answer: String) -> Int? { answer.hasPrefix("won ") ? Int(answer.dropFirst(4)) : nil }
}
