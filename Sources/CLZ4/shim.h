// The LZ4 block format as the system installs it (liblz4-dev).
#pragma once
#include <lz4.h>
