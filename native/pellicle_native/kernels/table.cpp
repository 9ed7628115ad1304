#include "kernels.h"

namespace pel {
namespace PEL_VARIANT {

#define PEL_ENTRY(result, name, arguments) &name,
extern const Kernels table = {PEL_VARIANT_NAME, PEL_KERNELS(PEL_ENTRY)};
#undef PEL_ENTRY

}  // namespace PEL_VARIANT
}  // namespace pel
