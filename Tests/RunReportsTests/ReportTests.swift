import Foundation
import FoundationXML
import PrimitiveKit
import RunReports
import Runs
import Testing

@testable import Journal

struct ReportTests {
  let started = Date(timeIntervalSince1970: 1_800_000_000)

  var deploy: RunReport {
    RunReport(
      file: "runbooks/deploy.lua",
      name: "deploy",
      version: "1.2.0",
      mode: .dryRun,
      started: started,
      seconds: 2.3456,
      exitCode: .planInexact,
      exactness: 0.8999,
      floor: 0.9,
      checks: [ReportCase("header", .ok), ReportCase("lock", .ok, seconds: 0.01)],
      steps: [
        ReportCase("preflight", .ok, seconds: 0.5, detail: "6 hosts"),
        ReportCase(
          "swap/web001",
          .failed,
          seconds: 1,
          failure: CallFailure(
            .failed,
            code: "host.script_failed",
            message: "web001: \"tar\" said <no> & left\u{1b}[0m",
            hint: "look at\nthe disk",
            trace: ["runbooks/deploy.lua:41"]
          )
        ),
        ReportCase("verify", .skipped, detail: "nothing was swapped"),
        ReportCase("settle", .unknown),
      ],
      inexact: [
        .init(place: "runbooks/deploy.lua:41", what: "branch on the output of fleet.exec", assumed: .bool(true))
      ],
      operations: ["container.swap": 17, "file.put": 1],
      failure: CallFailure(.failed, code: "plan.inexact", message: "the plan is too inexact")
    )
  }

  var restart: RunReport {
    RunReport(
      file: "runbooks/restart.lua",
      name: "restart",
      version: "0.1.0",
      mode: .live,
      run: "r-7",
      started: started,
      seconds: 1,
      exitCode: .ok,
      steps: [ReportCase("restart", .ok, seconds: 1)]
    )
  }

  func document(_ reports: RunReport...) -> ReportDocument {
    ReportDocument(opsh: "0.1.0", site: "lab", machine: "ci", runbooks: reports)
  }

  /// The text kept under a name in `Snapshots`; `OPSH_RECORD=1` writes it anew.
  private func kept(_ name: String, for text: String) throws -> String {
    let file = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "Snapshots/\(name)")
    if ProcessInfo.processInfo.environment["OPSH_RECORD"] == "1" {
      try text.write(to: file, atomically: true, encoding: .utf8)
    }
    return try String(contentsOf: file, encoding: .utf8)
  }

  @Test func `the JUnit report is the one that readers know`() throws {
    let xml = JUnitReport(document(deploy, restart)).xml
    #expect(xml == (try kept("report.xml", for: xml)))
  }

  @Test func `the JSON report says the same and can be read back`() throws {
    let document = document(deploy, restart)
    #expect(document.json == (try kept("report.json", for: document.json)))
    let decoder = JSONDecoder()
    decoder.dateDecodingStrategy = .iso8601
    #expect(try decoder.decode(ReportDocument.self, from: Data(document.json.utf8)) == document)
  }

  @Test func `what hosts printed cannot break the XML`() throws {
    var report = deploy
    report.name = "a\"b<c>&d\r\n\t]]>\u{0}\u{b}\u{FFFE}é😀"
    report.steps = [ReportCase(report.name, .skipped, detail: report.name)]
    let parser = XMLParser(data: Data(JUnitReport(document(report)).xml.utf8))
    let reader = AttributeReader()
    parser.delegate = reader
    #expect(parser.parse())
    #expect(reader.values["package"] == "a\"b<c>&d\r\n\t]]>\u{FFFD}\u{FFFD}\u{FFFD}é😀")
  }

  @Test(arguments: [
    (ExitCode.budgetBreached, "failures=\"1\" errors=\"0\""), (.dataInvalid, "failures=\"0\" errors=\"1\""),
    (.ok, "failures=\"0\" errors=\"0\""),
  ])
  func `a run that failed is never green, whatever its steps say`(code: ExitCode, counts: String) {
    var report = restart
    report.exitCode = code
    #expect(JUnitReport(document(report)).xml.contains("tests=\"2\" \(counts)"))
  }

  @Test func `a runbook without a plan has no exactness to judge`() {
    #expect(!JUnitReport(document(restart)).xml.contains("plan exactness"))
    var report = restart
    (report.exactness, report.floor) = (1, nil)
    #expect(
      JUnitReport(document(report)).xml.contains(
        "<testcase classname=\"restart\" name=\"plan exactness\" time=\"0.000\"/>"
      )
    )
  }

  @Test func `a report without runbooks is still a report`() {
    #expect(JUnitReport(document()).xml.contains("tests=\"0\""))
    #expect(document().json.contains("\"runbooks\" : ["))
  }

  func plan(_ unseen: String? = nil, conflicts: [String] = []) throws -> Plan {
    let fields = """
      {"format": 1, "site": "lab", "opsh": "0.1.0", "arguments": {}, "hosts": ["web1"], "check": null, "madeAt": 0,
      "runbook": {"name": "deploy", "version": "1.0.0", "sha256": "ab", "path": "deploy.lua"}, "locks": ["host/web1"],
      "steps": [{"path": "swap", "title": "swap", "detail": "one host", "argumentsHash": ""}], "inexact": [],
      "operations": [{"key": "a", "kind": "file.put", "host": "web1", "target": "web1:x", "effect": "changes",
      "summary": "put x", "step": "swap", "isReversible": false, "outcome": "{}"},
      {"key": "b", "kind": "file.put", "host": "web1",
      "target": "web1:y", "effect": "changes", "summary": "put y", "step": "swap", "isReversible": false,
      "why": "who knows"}],
      "conflicts": \(conflicts.isEmpty ? "[]" : "[\"\(conflicts[0])\"]")}
      """
    var plan = try JSONDecoder().decode(Plan.self, from: Data(fields.utf8))
    plan.unseen = unseen
    return plan
  }

  func report(_ plan: Plan?, mode: RunReport.Mode = .dryRun, rows: [StepRow] = []) -> RunReport {
    RunReport(
      file: "x/deploy.lua",
      plan: plan,
      floor: 0.9,
      mode: mode,
      run: nil,
      rows: rows,
      started: started,
      seconds: 1,
      exitCode: .ok,
      failure: nil
    )
  }

  @Test func `a plan is reported with its steps, its kinds of operations and its exactness`() throws {
    let report = report(try plan())
    #expect(report.exactness == 0.5 && report.isBelowFloor)
    #expect(report.operations == ["file.put": 2])
    // A plan that is half exact says which half is not.
    #expect(report.inexact.map { "\($0.place): \($0.what)" } == ["step 'swap': 1 × file.put on web1:y: who knows"])
    #expect(report.steps == [ReportCase("swap", .ok, detail: "one host")])
    #expect(report.checks.map(\.name) == ["header", "lock"])
    let blind = self.report(try plan("the check stopped", conflicts: ["bob"]))
    #expect(blind.exactness == 0)
    #expect(blind.inexact.map(\.what) == ["1 × file.put on web1:y: who knows", "not seen: the check stopped"])
    #expect(blind.checks.last == ReportCase("lock", .skipped, detail: "held: bob"))
    #expect(self.report(nil).name == "deploy" && self.report(nil).checks == [])
  }

  @Test(arguments: [RunReport.Mode.live, .drill])
  func `a live run is reported with the steps of its journal`(mode: RunReport.Mode) throws {
    let failure = CallFailure(.failed, code: "x.y", message: "no")
    func row(_ path: String, _ state: StepState, failure: CallFailure? = nil, ended: Int64? = 2500) -> StepRow {
      StepRow(
        path: path,
        argumentsHash: "",
        attempt: 1,
        state: state,
        result: nil,
        failure: failure,
        reason: state == .skipped ? "not now" : nil,
        beganAt: 1000,
        endedAt: ended
      )
    }
    let rows = [row("a", .ok), row("b", .failed, failure: failure), row("c", .skipped), row("d", .open, ended: nil)]
    #expect(
      report(try plan(), mode: mode, rows: rows).steps == [
        ReportCase("a", .ok, seconds: 1.5), ReportCase("b", .failed, seconds: 1.5, failure: failure),
        ReportCase("c", .skipped, seconds: 1.5, detail: "not now"), ReportCase("d", .unknown),
      ]
    )
  }
}

/// Reads the attributes of the suite.
private final class AttributeReader: NSObject, XMLParserDelegate {
  var values: [String: String] = [:]

  func parser(
    _ parser: XMLParser,
    didStartElement name: String,
    namespaceURI: String?,
    qualifiedName: String?,
    attributes: [String: String]
  ) {
    if name == "testsuite" { values = attributes }
  }
}
