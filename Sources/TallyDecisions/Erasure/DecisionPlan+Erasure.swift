// The plan of an erasure: whose keys, and why.

package import TallyCore
package import TallyVault

extension DecisionPlan {
    /// The erasure of a subject's keys, or of a whole tenant's; in a clone `follows` is the erasure
    /// in its source that it follows.
    ///
    /// `notBefore` is before when it is not carried out, µs since
    /// 1970: for a whole tenant that an owner erases.
    package static func erasure(
        of tenant: TenantID,
        _ scope: KeyScope,
        ground: String,
        follows: DecisionID? = nil,
        notBefore: UInt64? = nil,
        id: DecisionID = .random()
    ) -> Self {
        Self(
            scope.isTenant ? .tenantErasure : .subjectErasure,
            tenant,
            [
                ("classes", .array(scope.classes.map { .string(JSONString($0)) })),
                ("ground", .string(JSONString(ground))),
                ("subject_tag", .hex(scope.subjectTag.bytes)),
            ] + (follows.map { [("follows", .hex($0.bytes))] } ?? [])
                + (notBefore.map { [("not_before", .number(JSONNumber($0)))] } ?? []),
            id: id
        )
    }
}
