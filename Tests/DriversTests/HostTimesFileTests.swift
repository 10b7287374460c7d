import Drivers
import Foundation
import Testing

struct HostTimesFileTests {
  @Test func `times come back, and a damaged file costs nothing but the times`() throws {
    let directory = NSTemporaryDirectory() + "opsh-times-\(UUID().uuidString)"
    defer { try? FileManager.default.removeItem(atPath: directory) }
    let file = HostTimesFile(directory: directory, site: "prod/eu")
    #expect(file.load() == [:])
    file.save(["web1": 12.5])
    #expect(file.load() == ["web1": 12.5])
    try "{".write(toFile: "\(directory)/host-times/prod_eu.json", atomically: true, encoding: .utf8)
    #expect(file.load() == [:])
  }
}
