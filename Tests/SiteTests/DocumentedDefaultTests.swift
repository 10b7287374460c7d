import Foundation
import Journal
import PrimitiveKit
import Rollout
import Site
import Testing

/// D15: the defaults that the documents name are those that apply.
struct DocumentedDefaultTests {
  private func row(_ key: String) throws -> String {
    let page = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../../docs/site.md")
    let text = try String(contentsOf: page, encoding: .utf8)
    return String(try #require(text.split(separator: "\n").first { $0.hasPrefix("| `\(key)` |") }, "\(key)"))
  }

  @Test func `D15: the page of the site names the defaults of the speeds`() throws {
    let table = try SpeedTable.builtIn()
    let (routine, fast) = (try table.speed(named: "routine"), try table.speed(named: "fast"))
    #expect(routine.settleSeconds == fast.settleSeconds)
    #expect(try row("settle").contains("(\(routine.settleSeconds) for routine and fast)"))
    #expect(try row("login_wait").contains("(\(routine.loginWaitSeconds) for routine)"))
  }

  @Test func `D15: the page of the site names the defaults of a site`() throws {
    let settings = JournalSettings()
    #expect(try row("lease").contains("`\(settings.lease.components.seconds)`"))
    #expect(try row("lock_wait").contains("`\(settings.lockWait.components.seconds)`"))
  }

  @Test func `every key of a site is on its page`() throws {
    let keys = Site.keys + Sample.sections.flatMap { $0.keys }
    for key in keys { #expect(try row(key.name).isEmpty == false) }
    #expect(keys.allSatisfy { !$0.help.isEmpty })
  }

  @Test func `no key of a site is read by two sections`() {
    let names = (Site.keys + Sample.sections.flatMap { $0.keys }).map(\.name)
    #expect(Set(names).count == names.count)
  }
}
