import Foundation
import Foundations
import PrimitiveKit

/// The reports of one call of opsh, as a JSON document.
package struct ReportDocument: Codable, Sendable, Equatable {
  /// The version of the format; grows when a field changes its meaning or goes.
  package static let format = 1

  package let format: Int
  package let opsh: String
  /// The name of the site; nil without one.
  package let site: String?
  /// The machine that ran opsh.
  package let machine: String
  package let runbooks: [RunReport]

  package init(opsh: String, site: String?, machine: String, runbooks: [RunReport]) {
    format = ReportDocument.format
    self.opsh = opsh
    self.site = site
    self.machine = machine
    self.runbooks = runbooks
  }

  /// The document as JSON with sorted keys; times are UTC, lengths are seconds.
  package var json: String {
    let encoder = JSONEncoder.stable(.prettyPrinted)
    encoder.dateEncodingStrategy = .iso8601
    encoder.nonConformingFloatEncodingStrategy = .convertToString(
      positiveInfinity: "inf",
      negativeInfinity: "-inf",
      nan: "nan"
    )
    // Every field is plain data: with the strategies above there is nothing left that cannot be encoded.
    let data = (try? encoder.encode(self)) ?? Data("{}".utf8)
    return String(decoding: data, as: UTF8.self) + "\n"
  }
}
