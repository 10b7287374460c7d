import Foundation
import PrimitiveKit
import Site
import Testing

@testable import Fleet

/// How a line of a log is recognized.
struct LogFilterTests {
  static let lines: [(String, String, String?)] = [
    (#"{"MESSAGE":"book loaded","code":-2010}"#, "MESSAGE", "book loaded"),
    (#"{"MESSAGE":"book loaded","code":-2010}"#, "code", "-2010"),
    (#"{"MESSAGE":"book loaded"}"#, "other", nil),
    ("level=info code=7 text=\"two words\"", "code", "7"),
    ("level=info code=7 text=\"two words\"", "text", "two words"),
    ("barcode=7", "code", nil),
    ("plain words", "MESSAGE", "plain words"),
    ("plain words", "code", nil),
  ]

  @Test(arguments: lines) func `a field is read from JSON and from words`(
    _ line: String,
    _ field: String,
    _ value: String?
  ) {
    #expect(LogFilter.field(field, of: line) == value)
  }

  // The line that counts could lie before the last 200 that only hold the text.
  @Test(arguments: [
    (#"{"MESSAGE":"book","code": -2010}"#, true), (#"{"code":"-2010"}"#, true), ("level=info code=-2010", true),
    (#"{"code":7,"order":"-2010"}"#, false), ("order -2010", false),
  ])
  func `the host sends lines with the field, not each that has the text`(line: String, isSent: Bool) throws {
    let filter = LogFilter(.fieldEquals("code", "-2010"))
    #expect(filter.arguments.first == "--like")
    #expect(filter.fits(line) == isSent)
    let grep = Process()
    grep.executableURL = URL(filePath: "/bin/grep")
    grep.arguments = ["-a", "-q", "-E", "-e", filter.arguments[1]]
    let input = Pipe()
    grep.standardInput = input
    try grep.run()
    try input.fileHandleForWriting.write(contentsOf: Data("\(line)\n".utf8))
    try input.fileHandleForWriting.close()
    grep.waitUntilExit()
    #expect((grep.terminationStatus == 0) == isSent)
  }

  @Test func `a text in another field is not the line`() {
    let filter = LogFilter(.field("MESSAGE", has: "connected"))
    #expect(filter.arguments == ["--find", "connected"])
    #expect(filter.fits(#"{"MESSAGE":"connected to feed"}"#))
    #expect(!filter.fits(#"{"MESSAGE":"waiting","state":"connected"}"#))
    #expect(
      LogFilter(.fieldEquals("code", "7")).fits("code=7") && !LogFilter(.fieldEquals("code", "7")).fits("code=70")
    )
  }
}
