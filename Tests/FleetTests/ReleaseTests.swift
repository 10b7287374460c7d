import HostScriptTesting
import OpshTesting
import PrimitiveKit
import Site
import Synchronization
import Testing

import struct Foundation.Date

@testable import Fleet

struct ReleaseTests {
  private struct Marks: ReleaseMarks {
    let digest: String
    func bad(_ digest: String) async throws(CallFailure) -> String? {
      digest == self.digest ? "rolled back by mia" : nil
    }
  }

  private struct NoJournal: ReleaseMarks {
    func bad(_ digest: String) async throws(CallFailure) -> String? {
      throw CallFailure(.journal, code: "journal.unavailable", message: "the disk is full")
    }
  }

  /// Marks nothing, and counts how often it is asked.
  private final class Counted: ReleaseMarks {
    private let state = Mutex((asked: 0, edition: 0))
    var asked: Int { state.withLock { $0.asked } }
    var edition: Int { state.withLock { $0.edition } }
    func change() { state.withLock { $0.edition += 1 } }
    func bad(_ digest: String) async throws(CallFailure) -> String? {
      state.withLock { $0.asked += 1 }
      return nil
    }
  }

  @Test func `completion of images asks the journal when marks may have changed, not at every key`() async throws {
    let marks = Counted()
    let models = try FleetOfModels(releases: marks)
    let time = Mutex(0.0)
    let offered = OfferedImages(models.fleet, now: { Date(timeIntervalSince1970: time.withLock { $0 }) })
    func press() async -> Int {
      let before = marks.asked
      for _ in 0..<200 { #expect(offered.known == ["v1", "v2"]) }
      await offered.settle()
      return marks.asked - before
    }
    // One question for each of the two images.
    #expect(await press() == 2)
    #expect(await press() == 0)
    time.withLock { $0 += 29 }
    #expect(await press() == 0)
    marks.change()
    #expect(await press() == 2)
    time.withLock { $0 += 31 }
    #expect(await press() == 2)
    #expect(await press() == 0)
  }

  private let v1 = FleetOfModels.digests["v1"] ?? ""
  private let v2 = FleetOfModels.digests["v2"] ?? ""

  @Test func `a bad release is refused before anything is looked at`() async throws {
    let models = try FleetOfModels(releases: Marks(digest: v2))
    let failure = await models.failure(DeployArguments(target: "all", image: v2), yes: true)
    #expect(failure?.code == "fleet.bad_release")
    #expect(failure?.message == "v2 (sha256:2b2b2b2b2b2b) is marked bad: rolled back by mia")
    #expect(failure?.hint == "clear the mark with `releases.clear(\"\(v2)\", \"why\")`")
    #expect(models.transport.sent == [])
    #expect(await models.fleet.offeredImages() == ["v1"])
    #expect(
      try await models.deploy(DeployArguments(target: "all", image: "v1"), yes: true)["result"] == "Success".value
    )
  }

  @Test func `marks that cannot be read stop a deploy and hide nothing`() async throws {
    let models = try FleetOfModels(releases: NoJournal())
    #expect(await models.failure(DeployArguments(target: "all"), yes: true)?.code == "journal.unavailable")
    #expect(await models.fleet.offeredImages() == ["v1", "v2"])
  }

  @Test func `an image is named by its digest or the beginning of one`() throws {
    let models = try FleetOfModels()
    for text in [v1, String(v1.dropFirst(7)), "sha256:1a1a1a1a1a1a", "1A1A1A1A1A1A1a"] {
      #expect(try models.request(DeployArguments(target: "all", image: text)).image == models.site.fleet.images["v1"])
    }
  }

  @Test func `an image that only the hosts know is taken by its whole digest`() throws {
    let models = try FleetOfModels()
    let digest = "sha256:" + String(repeating: "c3", count: 32)
    let image = try models.request(DeployArguments(target: "all", image: digest)).image
    #expect(image.name == "sha256:c3c3c3c3c3c3" && image.source == "" && "\(image.digest)" == digest)
  }

  @Test(arguments: ["c3c3c3c3c3c3", "sha256:c3c3c3c3c3c3c3", "sha256:1a1a", "1a1a1a1a1a1", "v3"])
  func `a digest that names no image is refused`(text: String) throws {
    let models = try FleetOfModels()
    let failure = #expect(throws: CallFailure.self) { try models.request(DeployArguments(target: "all", image: text)) }
    #expect(failure?.code == "fleet.unknown_image")
  }

  @Test func `the images of every host are listed, the newest deployed first`() async throws {
    let models = try FleetOfModels(hosts: 2)
    let hex = { (digest: String) in String(digest.dropFirst(7)) }
    let other = String(repeating: "c3", count: 32)
    models.model("web001") { host in
      host.images = "\(other) \(hex(v1)) \(hex(v2))"
      host.kept = "\(hex(v1)) \(hex(v2)) \(String(repeating: "d", count: 64))"
    }
    models.model("web002") { $0.problem = .unreachable(host: "web002", reason: "no route to host", hint: nil) }
    let hosts = try models.fleet.selectHosts("web*", in: models.site)
    let records = await models.fleet.images(on: hosts, in: models.site)
    #expect(records.map(\.host) == ["web001", "web001", "web001", "web002"])
    #expect(records.map(\.state) == ["current", "kept", "present", "unreachable"])
    #expect(records.map(\.rank) == [1, 2, nil, nil])
    #expect(records.map(\.image) == ["v1", "v2", "", ""])
    #expect(records.first?.bots == ["bot1", "bot2", "bot3"])
  }
}
