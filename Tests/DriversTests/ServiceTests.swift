import Drivers
import Foundation
import OpshTesting
import PrimitiveKit
import Testing

struct ServiceTests {
  let directory = NSTemporaryDirectory() + "opsh-services-\(UUID().uuidString)"
  let vault = Vault()

  private var services: Services {
    Services().with(Banks.self, vault).with(Hosts.self, ScriptedTransport { _, host in .ended(0, host.name) })
  }

  private func world(_ mode: World.Mode, _ services: Services) -> World {
    World(mode: mode, clock: ContinuousClock(), now: { Date() }, drawSeed: { 0 }, services: services)
  }

  private func source(record: Bool, keepsValues: Bool = false) throws -> ReadSource {
    try ReadSource(
      record: record ? directory : nil,
      replay: record ? nil : directory,
      isDryRun: true,
      site: "lab",
      opsh: "0.1.0",
      now: { Date(timeIntervalSince1970: 1_800_000_000) },
      keepsValues: keepsValues,
      services: services
    )
  }

  /// Every byte of the recording.
  private var everything: String {
    let names = FileManager.default.enumerator(atPath: directory)?.compactMap { $0 as? String } ?? []
    return names.sorted().map { (try? String(contentsOfFile: "\(directory)/\($0)", encoding: .utf8)) ?? $0 }.joined()
  }

  @Test func `a live world has the live form, a dry one the form that reads`() async throws {
    let live = world(.live, services)
    #expect(try await live.service(Banks.self).balance(of: "5021", password: "s3cret").amount == "12.50")
    try await live.service(Banks.self).pay("1", to: "5022")
    for dry in [live.dry, world(.dry, services), live.dry.dry] {
      #expect(try await dry.service(Banks.self).balance(of: "5021", password: "s3cret").amount == "12.50")
      await #expect(throws: Banks.refusal) { try await dry.service(Banks.self).pay("1", to: "5022") }
    }
    #expect(vault.counts == (4, 1))
  }

  @Test func `a world without a service says so at the first call`() async throws {
    let error = await #expect(throws: CallFailure.self) {
      try await world(.live, Services()).service(Banks.self).balance(of: "5021", password: "s3cret")
    }
    #expect(error?.code == "bank.absent")
    let host = HostAddress(name: "web1", address: "web1", port: 22, user: "me", kind: .ssh)
    let request = CommandRequest(line: "uptime", timeout: nil, effect: .reads)
    let unreachable = await #expect(throws: TransportError.self) {
      try await world(.live, Services()).service(Hosts.self).execute(request, on: host)
    }
    #expect(unreachable?.code == "host.unreachable")
  }

  @Test func `what is recorded is replayed without the service, masked and without the secret`() async throws {
    defer { try? FileManager.default.removeItem(atPath: directory) }
    let recording = try source(record: true)
    let first = world(.dry, recording.services).service(Banks.self)
    // Whoever records sees the real values.
    #expect(try await first.balance(of: "5021", password: "s3cret") == Balance(account: "5021", amount: "12.50"))
    _ = try await first.balance(of: "5022", password: "s3cret")
    let said = try #require(try recording.finish())
    #expect(said.hasPrefix("recorded 2 reads of 1 banks: \(directory);"))
    #expect(try FileManager.default.contentsOfDirectory(atPath: "\(directory)/banks") == ["north.json"])
    for hidden in ["5021", "5022", "12.50", "0.75", "s3cret"] { #expect(!everything.contains(hidden), "\(hidden)") }

    let replay = try source(record: false)
    let second = world(.dry, replay.services).service(Banks.self)
    let answer = try await second.balance(of: "5021", password: "anything")
    #expect(answer.account.hasPrefix("id-"))
    #expect(answer.amount != "12.50" && answer.amount.count == 5 && Double(answer.amount) != nil)
    #expect(answer.currency == "USDC")
    // A pseudonym is good for asking on.
    #expect(try await second.balance(of: answer.account, password: "anything") == answer)
    await #expect(throws: Banks.refusal) { try await second.pay("1", to: "5022") }
    #expect(vault.counts == (2, 0))
    #expect(try replay.finish() == nil)
  }

  @Test func `what was not recorded is named, never empty`() async throws {
    defer { try? FileManager.default.removeItem(atPath: directory) }
    let recording = try source(record: true)
    _ = try await world(.dry, recording.services).service(Banks.self).balance(of: "5021", password: "s3cret")
    _ = try recording.finish()
    let replay = try source(record: false)
    let bank = world(.dry, replay.services).service(Banks.self)
    let error = await #expect(throws: CallFailure.self) { try await bank.balance(of: "5022", password: "s3cret") }
    #expect(error?.code == "recording.missing")
    #expect(error?.message.hasPrefix("the recording has no answer from north to: balance of id-") == true)
    #expect(error?.message.contains("5022") == false)
    #expect(#expect(throws: CallFailure.self) { try replay.check() }?.code == "recording.missing")
  }

  @Test func `values are kept when that is asked for, and a secret is not`() async throws {
    defer { try? FileManager.default.removeItem(atPath: directory) }
    let recording = try source(record: true, keepsValues: true)
    let bank = world(.dry, recording.services).service(Banks.self)
    let answer = try await bank.balance(of: "5021", password: "s3cret")
    _ = try recording.finish()
    #expect(everything.contains("5021") && everything.contains("12.50") && !everything.contains("s3cret"))
    let replay = try source(record: false)
    #expect(try await world(.dry, replay.services).service(Banks.self).balance(of: "5021", password: "") == answer)
  }

  @Test func `a new recording keeps the pseudonyms of the old one`() async throws {
    defer { try? FileManager.default.removeItem(atPath: directory) }
    var pictures: [String] = []
    for _ in 0..<2 {
      let recording = try source(record: true)
      _ = try await world(.dry, recording.services).service(Banks.self).balance(of: "5021", password: "s3cret")
      _ = try recording.finish()
      pictures.append(everything)
    }
    #expect(pictures[0] == pictures[1])
  }

  @Test(arguments: ["0", "0.00", "-12.50", "1000000.000001", "12.50 USDC", "NaN", "7"])
  func `the pseudonym of an amount keeps sign, length and zero`(amount: String) {
    let masked = Masks(salt: "5a17").amount(amount)
    #expect(masked.count == amount.count)
    #expect(masked.hasPrefix("-") == amount.hasPrefix("-"))
    #expect(masked == Masks(salt: "5a17").amount(amount))
    #expect((Double(amount) == 0) == (Double(masked) == 0))
  }
}
